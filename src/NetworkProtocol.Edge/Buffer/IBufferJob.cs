namespace NetworkProtocol.Edge.Buffer;

/// <summary>Something that the buffer's thread does within a transaction, together with whatever else has arrived.</summary>
internal interface IBufferJob
{
    /// <summary>The size of what it adds.</summary>
    long Bytes { get; }

    /// <summary>Does it. False: it has to wait until there is room in the buffer.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file does not take it; the transaction is undone.</exception>
    bool TryRun(BufferFile file);

    /// <summary>Tells the caller that the disk has it.</summary>
    void Complete();

    /// <summary>Tells the caller that the disk does not have it.</summary>
    void Fail(Exception error);
}
