namespace NetworkProtocol.Hub.Sqlite;

/// <summary>The tables of the store. Times are milliseconds since 1970-01-01 UTC.</summary>
internal static class SqliteSchema
{
    /// <summary>"NPHU" in ASCII, which <c>file</c> and SQLite's own tools show.</summary>
    public const int ApplicationId = 0x4E504855;

    /// <summary>The version of the tables, which a change of them increases.</summary>
    public const int Version = 2;

    /// <summary>
    /// A reading's key begins with its series and its time, so that the readings of a series lie together on disk. The rest of the key is
    /// what makes it the only one: the stream (a lane in one epoch), the sequence number, and the part of a message with several values.
    /// The rollups that a series is filling at the moment are in open_rollups: a transaction changes those of all its series, and there
    /// they lie close together, while in rollups each would be on a page of its own.
    /// </summary>
    public const string Create =
        """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, identity TEXT NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, series INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE lanes (
            source INTEGER NOT NULL, lane INTEGER NOT NULL, epoch INTEGER NOT NULL, mark INTEGER NOT NULL, checksum INTEGER,
            stream INTEGER NOT NULL, messages INTEGER NOT NULL, duplicates INTEGER NOT NULL, lost INTEGER NOT NULL,
            dead_letters INTEGER NOT NULL, last_time INTEGER, last_arrival INTEGER, behind INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (source, lane)) STRICT, WITHOUT ROWID;
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL, lane INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT;
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL, topic TEXT NOT NULL, field TEXT NOT NULL, unit TEXT NOT NULL,
            last_time INTEGER NOT NULL, last_value ANY, UNIQUE (source, topic, field)) STRICT;
        CREATE INDEX series_by_time ON series (last_time, id);
        CREATE INDEX series_by_source_and_time ON series (source, last_time, id);
        CREATE TABLE readings (
            series INTEGER NOT NULL, time INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, part INTEGER NOT NULL,
            value ANY NOT NULL, PRIMARY KEY (series, time, stream, sequence, part)) STRICT, WITHOUT ROWID;
        CREATE TABLE open_rollups (
            series INTEGER NOT NULL, resolution INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL, sum REAL NOT NULL,
            min REAL NOT NULL, max REAL NOT NULL, last REAL NOT NULL, last_time INTEGER NOT NULL,
            PRIMARY KEY (series, resolution)) STRICT, WITHOUT ROWID;
        CREATE TABLE rollups (
            series INTEGER NOT NULL, resolution INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL, sum REAL NOT NULL,
            min REAL NOT NULL, max REAL NOT NULL, last REAL NOT NULL, last_time INTEGER NOT NULL,
            PRIMARY KEY (series, resolution, start)) STRICT, WITHOUT ROWID;
        CREATE TABLE losses (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL, lane INTEGER NOT NULL, epoch INTEGER NOT NULL, first INTEGER NOT NULL,
            count INTEGER NOT NULL, reason INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
        CREATE INDEX losses_by_source ON losses (source, id);
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL, sequence INTEGER NOT NULL, time INTEGER NOT NULL, topic TEXT NOT NULL,
            payload BLOB NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
        CREATE INDEX dead_letters_by_source ON dead_letters (source, id);
        CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        """;

    /// <summary>Makes a store of version 1 one of version 2.</summary>
    public const string Upgrade = "ALTER TABLE lanes ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;";

    /// <summary>The table that <see cref="Forward"/> makes last.</summary>
    public const string LastTable = "outbox_lanes";

    /// <summary>The size of a message that waits.</summary>
    public const string OutboxSize = "length(CAST(source AS BLOB)) + length(CAST(topic AS BLOB)) + length(payload) + 50";

    /// <summary>
    /// What waits for the next hub. A store of an earlier program gets these tables when it is opened. The numbers of outbox never come
    /// again (AUTOINCREMENT), because the buffer of the uplink notes them. How many messages were ever added, how many wait, and their size
    /// are in outbox_lanes, because it takes long to count a large backlog. The key of forward_rollups begins with what finds the rollups
    /// whose time is over, so that those that are being filled cost nothing.
    /// </summary>
    public const string Forward =
        $"""
        CREATE TABLE IF NOT EXISTS outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, lane INTEGER NOT NULL, time INTEGER NOT NULL, topic TEXT NOT NULL,
            payload BLOB NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS outbox_by_lane ON outbox (lane);
        CREATE TABLE IF NOT EXISTS forward_rollups (
            resolution INTEGER NOT NULL, start INTEGER NOT NULL, series INTEGER NOT NULL,
            PRIMARY KEY (resolution, start, series)) STRICT, WITHOUT ROWID;
        CREATE TABLE {LastTable} (
            lane INTEGER PRIMARY KEY, added INTEGER NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
        INSERT INTO {LastTable} SELECT column1, count(id), count(id), coalesce(sum({OutboxSize}), 0)
            FROM (VALUES (0), (1)) LEFT JOIN outbox ON lane = column1 GROUP BY column1;
        """;
}
