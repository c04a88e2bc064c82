namespace NetworkProtocol.Client.Connections;

/// <summary>
/// Starts work on the thread pool that outlives its caller. The work does not get the caller's execution context, so it does not keep the
/// caller's ambient values (such as the current activity) for its whole life.
/// </summary>
internal static class BackgroundTask
{
    public static Task RunAsync(Func<Task> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(work);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(work);
        }
    }
}
