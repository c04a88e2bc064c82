namespace NetworkProtocol.Hub;

/// <summary>Where a hub stores messages.</summary>
public enum HubStoreKind
{
    /// <summary>This node is no hub.</summary>
    None,

    /// <summary>In one SQLite file, for one hub node.</summary>
    Sqlite,

    /// <summary>In a database of PostgreSQL, which several hub nodes may share.</summary>
    PostgreSql,
}
