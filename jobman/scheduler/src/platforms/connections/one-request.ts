import type { RequestListener, ServerResponse } from "node:http";
import { apiErrors } from "@workstation/jobman/protocol";

/** Refuses, and ends, a connection on which a request comes before the one before it was answered. */
export function oneRequestAtATime(next: RequestListener): RequestListener {
  const connections = new WeakMap<object, "busy" | "ending">();
  return (request, response) => {
    const standing = connections.get(request.socket);
    // Its last answer is on the way: nothing behind it is looked at.
    if (standing === "ending") return;
    if (standing === "busy") {
      connections.set(request.socket, "ending");
      // What comes behind it stays in the kernel.
      request.socket.pause();
      refuseTooMany(response, "a request came before the one before it was answered", { close: true });
      return;
    }
    connections.set(request.socket, "busy");
    response.once("close", () => connections.delete(request.socket));
    next(request, response);
  };
}

/** Answers that it was too much, before anything of the request is read. */
export function refuseTooMany(
  response: ServerResponse,
  why: string,
  options: { readonly close: boolean },
): void {
  const body = JSON.stringify({
    code: "TOO_MANY_REQUESTS",
    message: why,
    hint: "wait a moment, and ask for fewer things at a time",
  });
  response.writeHead(apiErrors.TOO_MANY_REQUESTS.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "retry-after": "1",
    ...(options.close ? { connection: "close" } : {}),
  });
  response.end(body);
}
