/** A `persons` value: one person a line, name, semicolon, post (shared/forms). Reading and writing give back the very text that is being typed. */
export interface Row {
  name: string;
  post: string;
}

export function rows(value: string): Row[] {
  return value.split("\n").map((line) => {
    const at = line.indexOf(";");
    return at < 0 ? { name: line, post: "" } : { name: line.slice(0, at), post: line.slice(at + 1).replace(/^ /, "") };
  });
}

/** Semicolons and line breaks inside a name or post would read as something else. */
const plain = (text: string): string => text.replace(/[\r\n]+/g, " ");

export function persons(list: readonly Row[]): string {
  const line = ({ name, post }: Row) => (post === "" ? plain(name).replaceAll(";", ",") : `${plain(name).replaceAll(";", ",")}; ${plain(post)}`);
  return list.map(line).join("\n");
}
