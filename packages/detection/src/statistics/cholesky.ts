/** Lower Cholesky factor of the symmetric n x n row-major matrix, in place (the upper triangle is left as it was). Throws RangeError where it is not positive definite. */
export function choleskyInPlace(matrix: Float64Array, n: number): void {
  for (let first = 0; first < n; first += 4) {
    const end = Math.min(first + 4, n);
    let done = 0;
    if (end === first + 4) {
      factorFour(matrix, n, first);
      done = first;
    }
    for (let i = first; i < end; i++) factorRow(matrix, n, i, done);
  }
}

/** Columns [0, first) of the four rows from `first` on: four sums at a time, since one alone waits for its last addition at every step. */
function factorFour(matrix: Float64Array, n: number, first: number): void {
  const r0 = first * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  for (let j = 0; j < first; j++) {
    const rowJ = j * n;
    let s0 = matrix[r0 + j];
    let s1 = matrix[r1 + j];
    let s2 = matrix[r2 + j];
    let s3 = matrix[r3 + j];
    for (let k = 0; k < j; k++) {
      const right = matrix[rowJ + k];
      s0 -= matrix[r0 + k] * right;
      s1 -= matrix[r1 + k] * right;
      s2 -= matrix[r2 + k] * right;
      s3 -= matrix[r3 + k] * right;
    }
    const pivot = matrix[rowJ + j];
    matrix[r0 + j] = s0 / pivot;
    matrix[r1 + j] = s1 / pivot;
    matrix[r2 + j] = s2 / pivot;
    matrix[r3 + j] = s3 / pivot;
  }
}

/** Columns from `from` to the diagonal of one row. */
function factorRow(matrix: Float64Array, n: number, i: number, from: number): void {
  const rowI = i * n;
  for (let j = from; j <= i; j++) {
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

/** Factor of invertInto and the inverse of that factor. One pair for all: nothing in them outlives a call. */
let factor = new Float64Array(0);
let lower = new Float64Array(0);

/**
 * Inverse of a symmetric positive definite row-major n x n matrix into inverse[to ..], n a multiple of 4; reads the lower triangle only. Columns are
 * solved four at a time, so that each number of the factor that is read serves four sums. Throws RangeError where it is not positive definite.
 */
export function invertInto(matrix: Float64Array, n: number, inverse: Float64Array, to: number): void {
  if (factor.length < n * n) {
    factor = new Float64Array(n * n);
    lower = new Float64Array(n * n);
  }
  factor.set(matrix);
  choleskyInPlace(factor, n);
  invertFactor(n);
  for (let i = n - 1; i >= 0; i--) {
    const pivot = factor[i * n + i];
    for (let j = 0; j < n; j += 4) {
      let s0 = lower[i * n + j];
      let s1 = lower[i * n + j + 1];
      let s2 = lower[i * n + j + 2];
      let s3 = lower[i * n + j + 3];
      for (let k = i + 1; k < n; k++) {
        const left = factor[k * n + i];
        const row = to + k * n + j;
        s0 -= left * inverse[row];
        s1 -= left * inverse[row + 1];
        s2 -= left * inverse[row + 2];
        s3 -= left * inverse[row + 3];
      }
      const out = to + i * n + j;
      inverse[out] = s0 / pivot;
      inverse[out + 1] = s1 / pivot;
      inverse[out + 2] = s2 / pivot;
      inverse[out + 3] = s3 / pivot;
    }
  }
}

/** Inverse of the lower factor: L Y = I, row by row. */
function invertFactor(n: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const pivot = factor[row + i];
    for (let j = 0; j < n; j += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = j; k < i; k++) {
        const left = factor[row + k];
        s0 -= left * lower[k * n + j];
        s1 -= left * lower[k * n + j + 1];
        s2 -= left * lower[k * n + j + 2];
        s3 -= left * lower[k * n + j + 3];
      }
      const own = i - j;
      lower[row + j] = ((own === 0 ? 1 : 0) + s0) / pivot;
      lower[row + j + 1] = ((own === 1 ? 1 : 0) + s1) / pivot;
      lower[row + j + 2] = ((own === 2 ? 1 : 0) + s2) / pivot;
      lower[row + j + 3] = ((own === 3 ? 1 : 0) + s3) / pivot;
    }
  }
}
