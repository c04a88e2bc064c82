namespace NetworkProtocol.Hub.Postgres;

/// <summary>A greeting or a batch that waits for its transaction.</summary>
internal abstract class PostgresWork(string source, string identity, long now, CancellationToken cancellationToken)
{
    public string Source => source;

    public string Identity => identity;

    /// <summary>When it arrived, in milliseconds since 1970-01-01 UTC.</summary>
    public long Now => now;

    /// <summary>How many values it stores, for the size of a transaction.</summary>
    public virtual int Weight => 1;

    /// <summary>Whether nobody waits for it any more, so that it need not begin.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>Why the source may not send; null if it may.</summary>
    public SourceRefusedException? Refusal { get; set; }

    /// <summary>Whether a message that alone makes the transaction fail is put aside, which takes longer.</summary>
    public bool IsCareful { get; private set; }

    /// <summary>Makes the next transaction careful.</summary>
    /// <returns>False if the last one was so already, or nothing could be put aside.</returns>
    public bool BecomeCareful() => Weight > 1 && !IsCareful && (IsCareful = true);

    /// <summary>The transaction is committed.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception error);
}
