using Npgsql;

namespace Integration.Tests.Hub;

/// <summary>What a database has, asked without the store.</summary>
internal static class PostgresContents
{
    /// <summary>How many rollups differ from those that the readings make.</summary>
    private const string WrongRollups =
        """
        WITH wanted AS (
            SELECT series, r.resolution, time - time % (r.resolution * 1000) AS start, count(*) AS count, sum(value) AS sum,
                min(value) AS min, max(value) AS max, max(time) AS last_time
            FROM hub.readings CROSS JOIN (VALUES (60), (3600), (86400)) r (resolution) WHERE value IS NOT NULL GROUP BY 1, 2, 3)
        SELECT count(*) FROM wanted w FULL JOIN hub.rollups r USING (series, resolution, start)
        WHERE w.count IS DISTINCT FROM r.count OR abs(w.sum - r.sum) > 1e-6 OR w.min <> r.min OR w.max <> r.max
            OR w.last_time <> r.last_time OR NOT EXISTS (
                SELECT FROM hub.readings l WHERE l.series = r.series AND l.time = r.last_time AND l.value = r.last)
        """;

    /// <summary>Marks, counts, readings and rollups agree, and each message is there once.</summary>
    public static async Task AssertAgreesAsync(string connection, long messages)
    {
        Assert.Equal(messages, await AskAsync(connection, "SELECT count(*) FROM hub.readings"));
        Assert.Equal(messages, await AskAsync(connection, "SELECT count(DISTINCT (stream, sequence)) FROM hub.readings"));
        Assert.Equal(
            0L, await AskAsync(connection, "SELECT count(*) FROM hub.lanes WHERE messages + lost + dead_letters <> mark AND epoch = 1"));
        Assert.Equal(messages, await AskAsync(connection, "SELECT sum(messages)::bigint FROM hub.lanes"));
        Assert.Equal(0L, await AskAsync(connection, WrongRollups));
    }

    public static async Task<object?> AskAsync(string connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection + ";Pooling=false");
        await open.OpenAsync();
        await using var command = new NpgsqlCommand(sql, open);
        return await command.ExecuteScalarAsync();
    }
}
