/** Public names only. */
