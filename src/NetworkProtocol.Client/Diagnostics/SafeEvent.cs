namespace NetworkProtocol.Client.Diagnostics;

/// <summary>Raises events so that no exception of a handler reaches the client.</summary>
internal static class SafeEvent
{
    public static void Raise<T>(EventHandler<T>? handlers, object sender, T arguments)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, arguments);
            }
#pragma warning disable CA1031 // A handler must not be able to end the loop that reconnects, nor to change a request's outcome.
            catch (Exception)
#pragma warning restore CA1031
            {
                // Reporting the exception is the handler's own task.
            }
        }
    }
}
