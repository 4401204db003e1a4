import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { DriftwatchError, sentence } from '../../errors.ts';
import { sha256Of, sha256OfFile, syncDirectory, writeDurably } from './durable.ts';
import { MANIFEST, type Manifest } from './manifest.ts';
import { isSigned, SIGNATURE_FILE, signManifest } from './signature.ts';

/**
 * Models and snapshots as files under one directory: `models/<model>/<version>/{model.onnx,manifest.json}`,
 * `snapshots/<model>/<sha256>.parquet` and `jobs/<request id>/` while a training runs. A version's folder
 * appears whole or not at all.
 */
export interface ModelStore {
  /** Stores a snapshot under its hash; the same bytes are stored once. */
  putSnapshot(model: string, body: Uint8Array): Promise<{ path: string; uri: string; sha256: string }>;
  /** A stored snapshot after checking its hash. */
  findSnapshot(args: {
    uri: string;
    sha256: string;
  }): Promise<{ status: 'ok'; path: string } | { status: 'bad'; why: string }>;
  /** Stores a version. Again after a crash: what is there is replaced by the same thing. */
  putVersion(args: {
    model: string;
    version: string;
    onnx: Uint8Array;
    manifest: Manifest;
  }): Promise<{ uri: string }>;
  /** A version's files after checking the hash that a release names. */
  readVersion(args: { uri: string; sha256: string }): Promise<StoredVersion>;
  /** Empty working directory of a job; what an earlier attempt left is gone. */
  openJob(requestId: string): Promise<string>;
  closeJob(requestId: string): Promise<void>;
}

export type StoredVersion =
  | { readonly status: 'ok'; readonly path: string; readonly manifest: Manifest }
  | { readonly status: 'bad'; readonly why: string };

/**
 * Opens the store in a directory, which is created when it is first written to. With `signingKey` every stored manifest is
 * signed; with `verifyingKey` a version whose manifest is not signed by its owner is bad.
 */
export function openModelStore(args: {
  directory: string;
  signingKey?: KeyObject | undefined;
  verifyingKey?: KeyObject | undefined;
}): ModelStore {
  const { directory, signingKey, verifyingKey } = args;
  return {
    async putSnapshot(model, body) {
      const sha256 = sha256Of(body);
      const uri = `snapshots/${safe(model)}/${sha256}.parquet`;
      const path = join(directory, uri);
      if ((await sha256OfFile(path)) !== sha256) await durably(() => writeDurably(path, body));
      return { path, uri, sha256 };
    },
    async findSnapshot({ uri, sha256 }) {
      const path = join(directory, uri);
      if (!isInside(directory, path)) return bad(`${uri} is not a place inside the model store`);
      const found = await sha256OfFile(path);
      if (found === undefined) return bad(`${uri} is not there`);
      return found === sha256 ? { status: 'ok', path } : bad(`${uri} has sha256 ${found}, not ${sha256}`);
    },
    async putVersion({ model, version, onnx, manifest }) {
      const uri = `models/${safe(model)}/${safe(version)}`;
      await durably(() => replaceFolder(join(directory, uri), { onnx, manifest, signingKey }));
      return { uri };
    },
    readVersion: ({ uri, sha256 }) => readVersion({ directory, uri, sha256, verifyingKey }),
    async openJob(requestId) {
      const path = join(directory, 'jobs', safe(requestId));
      await rm(path, { recursive: true, force: true });
      await durably(() => mkdir(path, { recursive: true }));
      return path;
    },
    async closeJob(requestId) {
      await rm(join(directory, 'jobs', safe(requestId)), { recursive: true, force: true });
    },
  };
}

async function replaceFolder(
  folder: string,
  args: { onnx: Uint8Array; manifest: Manifest; signingKey: KeyObject | undefined },
): Promise<void> {
  const { onnx, signingKey } = args;
  await removeUnfinished(folder);
  const unfinished = `${folder}.${process.pid}.unfinished`;
  await writeDurably(join(unfinished, 'model.onnx'), onnx);
  const manifest = Buffer.from(`${JSON.stringify(args.manifest, null, 2)}\n`);
  await writeDurably(join(unfinished, 'manifest.json'), manifest);
  if (signingKey !== undefined) {
    await writeDurably(join(unfinished, SIGNATURE_FILE), signManifest(manifest, signingKey));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  await syncDirectory(join(folder, '..'));
}

/** What a process left that died while it stored this version. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(dirname(folder)).catch(() => []);
  const left = names.filter(
    (name) => name.startsWith(`${basename(folder)}.`) && name.endsWith('.unfinished'),
  );
  for (const name of left) await rm(join(dirname(folder), name), { recursive: true, force: true });
}

async function readVersion(args: {
  directory: string;
  uri: string;
  sha256: string;
  verifyingKey: KeyObject | undefined;
}): Promise<StoredVersion> {
  const { directory, uri, sha256, verifyingKey } = args;
  const folder = join(directory, uri);
  if (!isInside(directory, folder)) return bad(`${uri} is not a place inside the model store`);
  const path = join(folder, 'model.onnx');
  const found = await sha256OfFile(path);
  if (found === undefined) return bad(`${uri}/model.onnx is not there`);
  if (found !== sha256) return bad(`${uri}/model.onnx has sha256 ${found}, the release says ${sha256}`);
  if (verifyingKey !== undefined) {
    const why = await signatureProblem(folder, verifyingKey);
    if (why !== undefined) return bad(`${uri}/manifest.json ${why}`);
  }
  const manifest = await readManifest(join(folder, 'manifest.json'));
  if (typeof manifest === 'string') return bad(`${uri}/manifest.json ${manifest}`);
  if (manifest.sha256 !== sha256) return bad(`${uri}/manifest.json is about another model.onnx`);
  return { status: 'ok', path, manifest };
}

/** Why the manifest cannot be taken for the key owner's; undefined when it can. */
async function signatureProblem(folder: string, key: KeyObject): Promise<string | undefined> {
  const signature = await readFile(join(folder, SIGNATURE_FILE), 'utf8').catch(() => undefined);
  if (signature === undefined) return 'is not signed, and only signed versions are trusted here';
  const manifest = await readFile(join(folder, 'manifest.json')).catch(() => Buffer.alloc(0));
  return isSigned(manifest, signature, key)
    ? undefined
    : 'has a signature that is not that of the key given here';
}

/** The manifest, or what is wrong with it. */
async function readManifest(path: string): Promise<Manifest | string> {
  try {
    const manifest = MANIFEST.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return manifest.success ? manifest.data : 'is not a manifest of format 1';
  } catch (error) {
    return `cannot be read: ${sentence(error)}`;
  }
}

function bad(why: string): { status: 'bad'; why: string } {
  return { status: 'bad', why };
}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, normalize(path));
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

function safe(name: string): string {
  if (SAFE_NAME.test(name)) return name;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `"${name}" cannot be the name of a folder in the model store.`,
    next: 'Names of models are letters, digits, dots, hyphens and underscores, and do not begin with a dot.',
  });
}

async function durably<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
    throw new DriftwatchError({
      code: full ? 'DISK_FULL' : 'STORE_UNWRITABLE',
      message: `The model store could not be written: ${sentence(cause)}.`,
      next: `${full ? 'Free some space' : 'Check the directory of the store'}; the training starts over by itself.`,
      cause,
    });
  }
}

const SAFE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
