namespace NetworkProtocol.Hub.Storage;

/// <summary>Wakes those who wait for something to change.</summary>
internal sealed class Signal
{
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when something has changed since the property was read.</summary>
    public Task Changed => _changed.Task;

    public void Set() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
