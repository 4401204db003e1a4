/**
 * The segment of all rows is the empty one, but in an address an empty parameter means any: there it is
 * written `all`. A segment always has a `=` in it, so nothing else is called that.
 */
export function segmentParameter(segment: string): string {
  return segment === '' ? ALL : segment;
}

export function segmentOf(parameter: string): string {
  return parameter === ALL ? '' : parameter;
}

const ALL = 'all';
