namespace NetworkProtocol.Client.Connections;

/// <summary>
/// Bounds the requests in flight on one connection. A request holds a slot until it leaves the order of answers, also when its caller
/// has given up, because its answer is still to come.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing that has to be disposed.")]
internal sealed class RequestSlots(int count)
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Called each time a slot becomes free.</summary>
    public Action? Freed { get; set; }

    public int InUse => count - _free.CurrentCount;

    public bool TryTake() => _free.Wait(0, CancellationToken.None);

    public Task TakeAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    public void Free()
    {
        _free.Release();
        Freed?.Invoke();
    }
}
