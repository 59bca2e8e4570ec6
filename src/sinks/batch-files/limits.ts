/** Characters of a hash that names a file: 128 bits, more than there will ever be batches to tell apart. */
export const fileHashChars = 32

/** Bytes of a table's name that becomes a folder, of the 255 that file systems allow. */
export const folderNameBytesMax = 200
