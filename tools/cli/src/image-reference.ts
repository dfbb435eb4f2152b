/** An image as people and engines name it: `[registry/]name[:tag][@digest]`. */
export interface ImageReference {
  /** With the registry, when there is one. */
  readonly name: string;
  readonly tag?: string;
  /** `sha256:…`; it says which image, whatever the tag is. */
  readonly digest?: string;
}

/** The tag that a name without tag and digest means. */
export const usualTag = "latest";

/** Takes a reference apart, whether or not it is one: a tag follows the last colon, unless that is a registry's port. */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf("@");
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    name: hasTag ? named.slice(0, colon) : named,
    ...(hasTag ? { tag: named.slice(colon + 1) } : {}),
    ...(at === -1 ? {} : { digest: text.slice(at + 1) }),
  };
}

/** The tag that a reference means: its own, else `latest`. */
export function tagOf(text: string): string {
  return parseImageReference(text).tag ?? usualTag;
}

/** The text that was taken apart. */
export function printImageReference({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** Whether a text can name an image: `ubuntu-python:latest`, `registry.example.org/a/b@sha256:…`. */
export function isImageReference(text: string): boolean {
  return text.length <= 255 && grammar().test(text);
}

/** Docker's own grammar of references (distribution/reference), which has lower-case names of at most 255 characters. */
function grammar(): RegExp {
  const domain = /(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?\/)?/.source;
  const path = /[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*/.source;
  return new RegExp(`^${domain}${path}(?:/${path})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);
}
