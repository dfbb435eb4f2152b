import { isIPv4 } from "node:net";
import { isImageReference } from "@workstation/cli";
import { closest } from "@workstation/cli/closest";
import { z } from "zod";

/** A host: an IPv4 address, or a name as RFC 1123 has it; a name that ends in digits alone would be a broken address. */
export function isHost(text: string): boolean {
  if (isIPv4(text)) return true;
  const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
  const labels = text.split(".");
  return text.length <= 253 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? "");
}

/** A host as `network.services` names it. */
export const host = z
  .string({ error: "must be a host name or an IPv4 address" })
  .refine(isHost, "must be a host name or an IPv4 address, such as db.example.org or 10.0.0.5");

/** A host, and a port where it is not the usual one. */
export const hostWithPort = z
  .string({ error: "must be a host name, such as registry.example.org:5000" })
  .refine((text) => {
    const [name = "", port, ...rest] = text.split(":");
    return isHost(name) && (port === undefined || isPort(port)) && rest.length === 0;
  }, "must be a host name with an optional port, such as registry.example.org:5000");

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

// A URL is written into configuration files of images, line by line: nothing in it may end a line or a quoted text.
const urlCharacters = /^[\w.~:/?[\]@!&()*+,;=%-]+$/;

/** The URL of a mirror. It ends up in every image, so it may carry no secret. */
export const mirrorUrl = z
  .string({ error: "must be an http or https URL, such as https://mirror.example.org/simple/" })
  .superRefine((text, context) => {
    const message = urlFault(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

function urlFault(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    return "must be an http or https URL, such as https://mirror.example.org/simple/";
  }
  if (!urlCharacters.test(text)) return "must be a URL without blanks, line ends and quotes";
  const { username, password } = new URL(text);
  if (username === "" && password === "") return undefined;
  return "must be a URL without a user name or password: it is written into every image, where all can read it";
}

/** An image reference such as `example`. */
export function imageReference(example: string) {
  const error = `must be an image reference, such as ${example}`;
  return z.string({ error }).refine(isImageReference, error);
}

/** An entry of `images.allowed`: `family`, or the reference of another image. */
export const allowedImage = z
  .string({ error: "must be family or an image reference" })
  .superRefine((text, context) => {
    if (text === "family") return;
    if (!isImageReference(text)) {
      const message = "must be family or an image reference, such as registry.example.org/tool:1.0";
      context.addIssue({ code: "custom", message });
    } else if (/^[a-z]+$/.test(text) && closest(text, ["family"]) !== undefined) {
      const message = `did you mean family? An image of that very name is written with its tag, ${text}:latest`;
      context.addIssue({ code: "custom", message });
    }
  });
