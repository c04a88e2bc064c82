using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// Runs queries on connections that cannot write. In WAL mode they see the last commit, and neither wait for the writer nor hold it.
/// </summary>
internal sealed class SqliteReader(SqliteFile file) : IAsyncDisposable
{
    /// <summary>How many queries run at once. More would only compete for the disk, and keep the log from being copied.</summary>
    private const int Concurrency = 8;

    private readonly SemaphoreSlim _turns = new(Concurrency);
    private readonly CancellationTokenSource _closing = new();

    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            return await ReadInTurnAsync(read, ended.Token);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HubStoreException("The hub's store is closed.");
        }
    }

    /// <summary>Interrupts the queries that run, and closes their connections. Later queries fail.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        for (var i = 0; i < Concurrency; i++)
        {
            await _turns.WaitAsync(); // until the last query has ended
        }

        file.CloseReaders();
        _turns.Release(Concurrency); // the next disposal waits for them, too
    }

    private async Task<T> ReadInTurnAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(read, cancellationToken), cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    private T Read<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = file.OpenReader();
            var handle = connection.Handle!;

            // The registration ends before the connection goes back, so that it cannot interrupt the next query.
            using var interrupt = cancellationToken.Register(() => raw.sqlite3_interrupt(handle));
            return read(connection);
        }
        catch (SqliteException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Explain(file.Path, e);
        }
    }
}
