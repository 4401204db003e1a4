import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import { type JointSignature, signatureOf } from '../../src/core/joint/joint-signature.ts';
import { scorer } from '../../src/core/joint/normal-scores.ts';
import type { Column, Table } from '../../src/core/windows/column.ts';
import type { ModelView } from '../panes/model-view.ts';
import { namedColumn } from './count-cells.ts';

/** Joint signature of some rows of a table: what schemas/queries/joint-pane.sql does in the database. */
export function sumSignature(args: {
  table: Table;
  view: ModelView;
  basis: JointBasis;
  rows: ArrayLike<number>;
  instead?: ReadonlyMap<string, Column> | undefined;
}): JointSignature {
  const { table, view, basis, rows, instead } = args;
  const scores = basis.axes.map((axis): ((row: number) => number) => {
    const column = namedColumn({
      name: axis.feature,
      view,
      table,
      ...(instead === undefined ? {} : { instead }),
    });
    const score = scorer(axis);
    if (column === undefined) return () => score(null);
    return axis.kind === 'numeric' ? (row) => score(column.number(row)) : (row) => score(column.text(row));
  });
  const scored = Array.from(rows, (row) => Float64Array.from(scores, (score) => score(row)));
  return signatureOf(scored, basis.axes.length, basis.fourier);
}
