import type { Summary } from '../../../deploy/demo/summary.ts';

/** The end of the story as text. */
export function summaryTable(summary: Summary): string {
  const { accounting } = summary;
  const lines = ['', 'FINDINGS'];
  for (const finding of summary.findings) {
    lines.push(
      [
        finding.kind.padEnd(17),
        finding.feature.padEnd(18),
        (finding.segment === '' ? 'all' : finding.segment).padEnd(11),
        `began ${date(finding.began)}  reported ${date(finding.reported)}  ${finding.status.padEnd(6)}`,
        finding.fault === undefined ? '' : `[injected: ${finding.fault.name}] `,
        finding.evidence,
      ].join(' '),
    );
  }
  lines.push('', 'INJECTED FAULTS');
  for (const { fault, first } of summary.faults) {
    const took =
      first === undefined
        ? 'not found'
        : `found after ${((first.reported - fault.fromMs) / 86_400_000).toFixed(1)} days`;
    lines.push(`${fault.name.padEnd(24)} from ${date(fault.fromMs)}  ${took}`);
  }
  lines.push('', 'RETRAINS');
  for (const retrain of summary.retrains) lines.push(`${date(retrain.requested)}  ${retrain.cause}`);
  lines.push('', 'VERSIONS');
  for (const version of summary.versions) {
    lines.push(
      `${version.version.padEnd(4)} ${version.status.padEnd(9)} ${date(version.created)}  log-loss ${loss(version.log_loss_before)} -> ${loss(version.log_loss_after)}  ${version.reasons.join('; ')}`,
    );
  }
  lines.push(
    '',
    `produced ${summary.produced} = stored ${accounting.stored} + dead letters ${accounting.dead_letters} + tombstones ${accounting.tombstones}, unexplained ${accounting.unexplained + summary.produced - accounting.consumed}`,
  );
  return lines.join('\n');
}

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function loss(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}
