using Microsoft.Data.Sqlite;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// Deletes what is too old. A reader finds the series that have such rows; the writer deletes in slices, each a transaction, whose size
/// follows the time that the last one took, so that no batch waits long behind one.
/// </summary>
internal sealed class SqliteRetention(SqliteWriter writer, SqliteReader reader, HubRetentionOptions keep, TimeProvider time)
{
    private const int SmallestSlice = 50;
    private const int LargestSlice = 20_000;

    /// <summary>What a slice aims at. It may take twice as long, and must not take 50 ms.</summary>
    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(20);

    private int _slice = 1_000;

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (keep.Raw > TimeSpan.Zero)
        {
            var before = (now - keep.Raw).ToUnixTimeMilliseconds();
            await DeleteAsync(
                after => SqliteQueries.WithOldReadings(after, before),
                (session, series, limit) => session.DeleteReadings(series, before, limit),
                cancellationToken);
        }

        foreach (var resolution in SeriesRow.Resolutions)
        {
            var kept = keep.KeptOf(resolution);
            if (kept <= TimeSpan.Zero)
            {
                continue;
            }

            // A rollup goes when all of it is too old.
            var before = (now - kept).ToUnixTimeMilliseconds() - RollupSum.LengthOf(resolution) + 1;
            await DeleteAsync(
                after => SqliteQueries.WithOldRollups(after, before, resolution),
                (session, series, limit) => session.DeleteRollups(series, resolution, before, limit),
                cancellationToken);
        }
    }

    private async Task DeleteAsync(
        Func<long, Func<SqliteConnection, (List<long> Series, long? Last)>> find,
        Func<SqliteSession, long, int, int> delete,
        CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } behind;)
        {
            var (found, last) = await reader.ReadAsync(find(behind), cancellationToken);
            foreach (var series in found)
            {
                await DeleteAllAsync(series, delete, cancellationToken);
            }

            after = last;
        }
    }

    private async Task DeleteAllAsync(long series, Func<SqliteSession, long, int, int> delete, CancellationToken cancellationToken)
    {
        while (true)
        {
            var limit = _slice;
            var (deleted, took) = await writer.DoAsync(
                session =>
                {
                    var began = time.GetTimestamp();
                    return (delete(session, series, limit), time.GetElapsedTime(began));
                },
                weight: limit,
                cancellationToken);
            if (deleted < limit)
            {
                return;
            }

            _slice = Math.Clamp(took > Aim ? limit / 2 : took < Aim / 2 ? limit * 2 : limit, SmallestSlice, LargestSlice);
        }
    }
}
