/** Content type of a ClickHouse output format, as the server announces it. */
export function contentType(format: string): string {
  for (const [pattern, type] of TYPES) if (pattern.test(format)) return type;
  return 'text/plain; charset=UTF-8';
}

/** Formats that read a file of the server to know how to write: refused to outside readers. */
export function needsServerFile(format: string): boolean {
  return /^(?:Template|Protobuf|CapnProto|CustomSeparated)/i.test(format);
}

const TYPES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:JSONEachRow|JSONLines|NDJSON|JSONStringsEachRow|JSONCompact\w*EachRow)/i,
    'application/x-ndjson; charset=UTF-8',
  ],
  [/^JSON/i, 'application/json; charset=UTF-8'],
  [/^(?:TabSeparated|TSV|Raw)/i, 'text/tab-separated-values; charset=UTF-8'],
  [/^CSVWithNames/i, 'text/csv; charset=UTF-8; header=present'],
  [/^CSV/i, 'text/csv; charset=UTF-8; header=absent'],
  [/^XML$/i, 'application/xml; charset=UTF-8'],
  [/^Markdown$/i, 'text/markdown; charset=UTF-8'],
  [/^(?:Pretty|Vertical|Values|SQLInsert)/i, 'text/plain; charset=UTF-8'],
  [
    /^(?:Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|BSON|Npy|Protobuf|CapnProto)/i,
    'application/octet-stream',
  ],
];
