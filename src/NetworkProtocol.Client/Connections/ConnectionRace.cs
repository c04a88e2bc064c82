using System.Runtime.ExceptionServices;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// Attempts of which the first good one wins (Happy Eyeballs, RFC 8305, section 5): each begins when the one before has had its head
/// start, or has failed. One that is lost is cancelled, and closed if it succeeds all the same.
/// </summary>
internal sealed class ConnectionRace<T>(TimeSpan headStart, TimeProvider time)
    where T : class, IAsyncDisposable
{
    private readonly Dictionary<Task<T>, CancellationTokenSource> _running = [];
    private Exception? _error;

    /// <exception cref="ProtocolClientException">All have failed: the error of the one that came furthest.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. Attempts that do not heed it are not waited for.</exception>
    public async Task<T> RunAsync(IEnumerable<Func<CancellationToken, Task<T>>> attempts, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var attempt in attempts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await WaitAsync(Begin(attempt, cancellationToken), headStart, cancellationToken).ConfigureAwait(false) is { } winner)
                {
                    return winner;
                }
            }

            return await WaitForAnyAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var (lost, giveUp) in _running)
            {
                _ = CloseAsync(lost, giveUp);
            }
        }
    }

    private Task<T> Begin(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var task = attempt(giveUp.Token);
        _running.Add(task, giveUp);
        return task;
    }

    private async Task<T> WaitForAnyAsync(CancellationToken cancellationToken)
    {
        while (_running.Count > 0)
        {
            if (await WaitAsync(_running.Keys.First(), Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false) is { } winner)
            {
                return winner;
            }
        }

        ExceptionDispatchInfo.Throw(_error!);
        return null!;
    }

    /// <summary>The winner; null when there is none by the time that the last attempt has failed or its head start is over.</summary>
    private async Task<T?> WaitAsync(Task<T> last, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var over = Task.Delay(patience, time, enough.Token);
        T? winner = null;
        while (winner is null && !over.IsCompleted && _running.ContainsKey(last))
        {
            winner = await Task.WhenAny([.. _running.Keys, over]).ConfigureAwait(false) is Task<T> attempt
                ? await TakeAsync(attempt).ConfigureAwait(false)
                : null;
        }

        await enough.CancelAsync().ConfigureAwait(false);
        if (winner is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return winner;
    }

    private async Task<T?> TakeAsync(Task<T> attempt)
    {
        _running.Remove(attempt, out var giveUp);
        giveUp!.Dispose();
        try
        {
            return await attempt.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, another attempt may be better; if none is, it is thrown.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _error = e is ProtocolClientException { Kind: ProtocolErrorKind.Connect } ? _error ?? e : e;
            return null;
        }
    }

    private static async Task CloseAsync(Task<T> lost, CancellationTokenSource giveUp)
    {
        try
        {
            await giveUp.CancelAsync().ConfigureAwait(false);
            var connection = await lost.ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It has lost, and nobody asks why it ended.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It is at its end either way.
        }
        finally
        {
            giveUp.Dispose();
        }
    }
}
