/** Lower Cholesky factor of the symmetric n x n row-major matrix, in place (the upper triangle is left as it was). Throws RangeError where it is not positive definite. */
export function choleskyInPlace(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      let sum = matrix[rowI + j];
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k] * matrix[rowJ + k];
      if (i !== j) {
        matrix[rowI + j] = sum / matrix[rowJ + j];
      } else {
        if (!(sum > 0)) throw new RangeError(`matrix of size ${n} is not positive definite: pivot ${i} is ${sum}`);
        matrix[rowI + i] = Math.sqrt(sum);
      }
    }
  }
}

/** Solves L L' x = b for the factor L of choleskyInPlace; b becomes x. */
export function solveCholesky(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= factor[i * n + k] * b[k];
    b[i] = sum / factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i] * b[k];
    b[i] = sum / factor[i * n + i];
  }
}

/** Inverse of a symmetric positive definite row-major matrix. Throws RangeError where it is none. */
export function invertSymmetric(matrix: Float64Array, n: number): Float64Array {
  const factor = matrix.slice();
  choleskyInPlace(factor, n);
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    solveCholesky(factor, n, column);
    for (let i = 0; i < n; i++) inverse[i * n + j] = column[i]!;
  }
  return inverse;
}
