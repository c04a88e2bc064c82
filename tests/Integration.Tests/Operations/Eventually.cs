namespace Integration.Tests.Operations;

/// <summary>Waits for an effect of another program, up to a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <param name="isSo">The condition.</param>
    /// <param name="situation">Describes the situation if the condition is not met in time.</param>
    public static async Task Async(Func<Task<bool>> isSo, Func<string>? situation = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(Interval);
        while (!await isSo())
        {
            Assert.False(deadline.IsCancellationRequested, situation?.Invoke() ?? "It did not come.");
            await timer.WaitForNextTickAsync();
        }
    }
}
