namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The numbers of the advisory locks, which all hub nodes of a database share. A transaction that takes several takes the sources' rows
/// first, in the order of their numbers, then <see cref="Growth"/>, so that none waits for one that waits for it.
/// </summary>
internal static class PostgresLocks
{
    /// <summary>Held while the tables are created or upgraded. The first bytes are "NPHU".</summary>
    public const long Schema = 0x4E504855_00000001;

    /// <summary>Held by a transaction that begins sources or series, so that their number keeps to its limit.</summary>
    public const long Growth = 0x4E504855_00000002;

    /// <summary>Held while partitions are created.</summary>
    public const long Partitions = 0x4E504855_00000003;

    /// <summary>Held by the node that deletes what is too old.</summary>
    public const long Retention = 0x4E504855_00000004;

    /// <summary>Held by the connection with which a node forwards, as long as that lasts.</summary>
    public const long Forward = 0x4E504855_00000005;
}
