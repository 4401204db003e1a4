/**
 * Solves matrix * x = right for a symmetric positive definite matrix (row-major, n * n) by Cholesky
 * factorisation, n^3 / 6 multiplications. Answers undefined when a pivot is not positive: the matrix is
 * singular or not positive definite. Source: Golub and Van Loan, Matrix Computations, 4.2.
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const n = right.length;
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * n + column] ?? 0;
      for (let k = 0; k < column; k += 1) sum -= (lower[row * n + k] ?? 0) * (lower[column * n + k] ?? 0);
      if (row !== column) {
        lower[row * n + column] = sum / (lower[column * n + column] ?? 1);
        continue;
      }
      if (!(sum > 0)) return undefined;
      lower[row * n + row] = Math.sqrt(sum);
    }
  }
  const x = Float64Array.from(right);
  for (let row = 0; row < n; row += 1) {
    let sum = x[row] ?? 0;
    for (let k = 0; k < row; k += 1) sum -= (lower[row * n + k] ?? 0) * (x[k] ?? 0);
    x[row] = sum / (lower[row * n + row] ?? 1);
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    let sum = x[row] ?? 0;
    for (let k = row + 1; k < n; k += 1) sum -= (lower[k * n + row] ?? 0) * (x[k] ?? 0);
    x[row] = sum / (lower[row * n + row] ?? 1);
  }
  return x;
}
