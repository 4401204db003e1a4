/** Full name of a type: a dotted name is one already, another takes the namespace around it. */
export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
