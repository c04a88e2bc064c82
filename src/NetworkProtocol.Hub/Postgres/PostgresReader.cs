using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>Runs queries in transactions that can neither write nor take long.</summary>
internal sealed class PostgresReader(PostgresDatabase database) : IAsyncDisposable
{
    /// <summary>How many queries run at once. More would compete for the server's disk, and leave no connection to the writers.</summary>
    private const int Concurrency = 8;

    /// <summary>How long a query may take, in milliseconds.</summary>
    private const int LongestQuery = 10_000;

    private readonly SemaphoreSlim _turns = new(Concurrency);
    private readonly CancellationTokenSource _closing = new();

    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<T> ReadAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            await _turns.WaitAsync(ended.Token);
            try
            {
                return await ReadInTurnAsync(read, ended.Token);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HubStoreException("The hub's store is closed.");
        }
    }

    /// <summary>Ends the queries that run. Later ones fail.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        for (var i = 0; i < Concurrency; i++)
        {
            await _turns.WaitAsync(); // until the last query has ended
        }

        _turns.Release(Concurrency); // the next disposal waits for them, too
    }

    private async Task<T> ReadInTurnAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var limit = new NpgsqlCommand(
                $"SET LOCAL statement_timeout = {LongestQuery}; SET LOCAL transaction_read_only = on", connection))
            {
                await limit.ExecuteNonQueryAsync(cancellationToken);
            }

            var found = await read(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return found;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is NpgsqlException or OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw database.Explain(e);
        }
    }
}
