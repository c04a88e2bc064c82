namespace NetworkProtocol.Client.Pool;

/// <summary>Wakes a loop that sleeps. Several signals before the loop sleeps again count as one.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing that has to be disposed.")]
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>Wakes the loop, or lets it skip its next sleep.</summary>
    public void Set()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // The loop has been signalled already.
        }
    }

    /// <summary>Sleeps until a signal or the end of a time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }
    }
}
