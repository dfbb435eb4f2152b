import { main } from "./main.ts";

/** The command as one file, as it is in its image: whoever starts it has given Node its flags. */
process.exitCode = await main(process.argv.slice(2));
// What the engine was asked for may still be under way; it needs nobody to wait for it.
if (process.argv[2] === "serve") process.exit();
