/** The address of a scheduler, or the reason why `text` is none. What stands in it for a password is not repeated. */
export function parseAddress(text: string): URL | { readonly reason: string } {
  if (!URL.canParse(text)) return { reason: "it is no URL" };
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return { reason: "it holds a name or password; who is asking is told by a token in a file" };
  }
  if (url.protocol !== "https:") {
    return { reason: "it does not begin with https://; without TLS anybody on the way could take the token" };
  }
  if (url.search !== "" || url.hash !== "") return { reason: "it ends in a query or fragment" };
  return url;
}
