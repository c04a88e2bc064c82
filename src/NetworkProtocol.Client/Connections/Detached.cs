namespace NetworkProtocol.Client.Connections;

/// <summary>Work that outlives whoever begins it: on the thread pool, without the beginner's context and ambient values.</summary>
internal static class Detached
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
