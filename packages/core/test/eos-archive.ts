/** Writes what eos writes with cereal's binary archive, from the layout that surrey.ts documents. */
export class EosWriter {
  private readonly chunks: Buffer[] = [];

  uint32(value: number): this {
    const chunk = Buffer.alloc(4);
    chunk.writeUInt32LE(value);
    return this.raw(chunk);
  }

  byte(value: number): this {
    return this.raw(Buffer.of(value));
  }

  count(value: number): this {
    const chunk = Buffer.alloc(8);
    chunk.writeBigUInt64LE(BigInt(value));
    return this.raw(chunk);
  }

  string(text: string): this {
    return this.count(text.length).raw(Buffer.from(text));
  }

  /** Values column after column. */
  matrix(rows: number, columns: number, values: ArrayLike<number>): this {
    this.uint32(rows).uint32(columns);
    return this.raw(Buffer.from(Float32Array.from(values).buffer));
  }

  triangles(indices: ArrayLike<number>): this {
    return this.count(indices.length / 3).raw(Buffer.from(Int32Array.from(indices).buffer));
  }

  uvs(coordinates: ArrayLike<number>): this {
    return this.count(coordinates.length / 2).raw(
      Buffer.from(Float64Array.from(coordinates).buffer),
    );
  }

  /** A model of principal components; `eigenvalues` are variances. */
  pca(
    mean: ArrayLike<number>,
    basis: ArrayLike<number>,
    eigenvalues: ArrayLike<number>,
    triangles: ArrayLike<number>,
  ): this {
    this.matrix(mean.length, 1, mean).matrix(mean.length, eigenvalues.length, basis);
    return this.matrix(eigenvalues.length, 1, eigenvalues).triangles(triangles);
  }

  noPca(): this {
    return this.matrix(0, 1, []).matrix(0, 0, []).matrix(0, 1, []).triangles([]);
  }

  raw(chunk: Buffer): this {
    this.chunks.push(chunk);
    return this;
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks));
  }
}
