/**
 * Table functions that make rows out of nothing, or out of a subquery that the guard sees. All others read
 * elsewhere, or are refused by the engine itself in readonly mode, as zeros is.
 */
export const READER_TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'numbers',
  'numbers_mt',
  'primes',
  'values',
  'view',
  'generateSeries',
  'generate_series',
  // Views of ours with a parameter look like table functions.
  'verdicts_as_of',
  'incidents_as_of',
]);

/**
 * Functions of this engine (26.7, all 1,589 looked through) that reach beyond the rows of the query:
 * file reads any file; catboostEvaluate loads a model from any path; hasColumnInTable connects to a host;
 * ai* call a service on the network; joinGet and dict* read a table or dictionary named in a string, past the
 * rule on names, and a dictionary's source may be anywhere; generateSerialID keeps a counter outside;
 * logTrace writes to the server's log; address* and demangle look into the process; filesystem* and
 * getOSKernelVersion tell about the machine; getServerSetting, getMacro and showCertificate about the set-up;
 * __* are internals. What only tells a name or version (hostName, version, currentUser) stays open, and so do
 * sleep and other ways to waste time: the limits are for those.
 */
const DENIED: ReadonlySet<string> = new Set([
  'file',
  'catboostevaluate',
  'hascolumnintable',
  'joinget',
  'joingetornull',
  'generateserialid',
  'logtrace',
  'addresstoline',
  'addresstolinewithinlines',
  'addresstosymbol',
  'demangle',
  'filesystemavailable',
  'filesystemcapacity',
  'filesystemunreserved',
  'getoskernelversion',
  'getserversetting',
  'getmacro',
  'showcertificate',
]);
const DENIED_FAMILIES = /^(?:ai(?:classify|embed|extract|generate|translate)|dict(?:get|has|isin)|__)/;

/** Table functions that read or write elsewhere; as a name before a bracket none of them is anything else. */
const OUTWARD =
  /^(?:arrowstream|azureblobstorage|cluster|cosn|deltalake|dictionary|eval|executable|file|filesystem|fuzz|gcs|hdfs|hudi|iceberg|input|jdbc|loop|mergetree(?:analyze|index|projection|text)|mongodb|mysql|odbc|oss|paimon|postgresql|prometheusquery|python|redis|remote|s3|sqlite|url|viewexplain|viewifpermitted|ytsaurus)/;
/** Ordinary functions whose names begin like one of those. */
const INWARD =
  /^(?:url(?:hash|hierarchy|pathhierarchy)|filesystem(?:available|capacity|unreserved)|fuzzbits|icebergbucket|iceberghash|icebergtruncate)$/;

export function isDeniedFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return DENIED.has(lower) || DENIED_FAMILIES.test(lower) || isOutwardFunction(lower);
}

export function isOutwardFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return OUTWARD.test(lower) && !INWARD.test(lower);
}

/**
 * What a person needs to find their way: names, types, comments, sizes, and what the engine can do. Left out
 * is what shows other people's queries (processes, asynchronous_inserts, query_cache), what holds addresses and
 * secrets (named_collections, certificates, dictionaries, user_directories, kafka_consumers), the machine
 * (disks, server_settings, stack_trace, dns_cache) and everything that comes with a later version.
 */
const SYSTEM_TABLES: ReadonlySet<string> = new Set([
  'aggregate_function_combinators',
  'build_options',
  'clusters',
  'collations',
  'columns',
  'constraints',
  'current_roles',
  'data_skipping_indices',
  'data_type_families',
  'database_engines',
  'databases',
  'documentation',
  'enabled_roles',
  'errors',
  'events',
  'formats',
  'functions',
  'keywords',
  'licenses',
  'merges',
  'metrics',
  'mutations',
  'numbers',
  'numbers_mt',
  'one',
  'parts',
  'parts_columns',
  'primes',
  'settings',
  'table_engines',
  'table_functions',
  'tables',
  'time_zones',
  'zeros',
  'zeros_mt',
]);

export function isReadableSystemTable(name: string): boolean {
  return SYSTEM_TABLES.has(name);
}
