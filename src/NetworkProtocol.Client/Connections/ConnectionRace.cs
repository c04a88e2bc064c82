using System.Runtime.ExceptionServices;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// A race of attempts to connect, which the first successful attempt wins (Happy Eyeballs, RFC 8305, section 5). Each attempt starts when
/// the head start of the one before is over, or the one before has failed. The losers are cancelled, and closed if they succeed anyway.
/// </summary>
/// <param name="headStart">The time between the starts of two attempts.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionRace<T>(TimeSpan headStart, TimeProvider time)
    where T : class, IAsyncDisposable
{
    private readonly Dictionary<Task<T>, CancellationTokenSource> _running = [];
    private Exception? _error;

    /// <summary>Starts the attempts one after the other and returns the result of the winner.</summary>
    /// <exception cref="ProtocolClientException">All attempts have failed. This is the error of the attempt that got furthest.</exception>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled. The race does not wait for attempts that ignore the token.
    /// </exception>
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
            foreach (var (lost, cancellation) in _running)
            {
                _ = CloseAsync(lost, cancellation);
            }
        }
    }

    private Task<T> Begin(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var task = attempt(cancellation.Token);
        _running.Add(task, cancellation);
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

    /// <summary>
    /// Waits for a winner until the last attempt has failed or its head start is over. Returns null if there is no winner by then.
    /// </summary>
    private async Task<T?> WaitAsync(Task<T> last, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var over = Task.Delay(timeout, time, enough.Token);
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
        _running.Remove(attempt, out var cancellation);
        cancellation!.Dispose();
        try
        {
            return await attempt.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // After any error another attempt may succeed. If none does, the error is thrown.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _error = e is ProtocolClientException { Kind: ProtocolErrorKind.Connect } ? _error ?? e : e;
            return null;
        }
    }

    private static async Task CloseAsync(Task<T> lost, CancellationTokenSource cancellation)
    {
        try
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
            var connection = await lost.ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The attempt has lost the race, so its error has no receiver.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The attempt ends either way.
        }
        finally
        {
            cancellation.Dispose();
        }
    }
}
