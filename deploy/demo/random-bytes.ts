import { seededRandom } from '../../src/core/random.ts';

/** Messages of random length and content, the same every time. Half of them begin like a framed record. */
export function randomBytesFrom(count: number): Buffer[] {
  const random = seededRandom(2013);
  return Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 120) }, () => Math.floor(random() * 256)),
    );
    if (index % 2 === 0 && bytes.length > 0) bytes[0] = 0;
    return bytes;
  });
}
