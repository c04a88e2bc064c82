namespace NetworkProtocol.Hub.Sqlite;

/// <summary>Something that the writer's thread does in a transaction. Whoever asked for it is answered after the commit.</summary>
internal abstract class SqliteWork
{
    /// <summary>How many values it stores, for the size of a transaction.</summary>
    public virtual int Weight => 1;

    /// <summary>Whether nobody waits for it any more, so that it need not begin.</summary>
    public abstract bool IsCancelled { get; }

    /// <summary>
    /// Makes the next <see cref="Apply"/> put aside what alone makes it fail, if the work has such a way.
    /// </summary>
    /// <returns>False if it has none, or goes that way already.</returns>
    public virtual bool BecomeCareful() => false;

    /// <summary>Does the work in the transaction that has begun.</summary>
    public abstract void Apply(SqliteSession session);

    /// <summary>The transaction is committed.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception error);
}
