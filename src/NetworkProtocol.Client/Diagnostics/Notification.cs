namespace NetworkProtocol.Client.Diagnostics;

/// <summary>Events of which no handler can stop the client.</summary>
internal static class Notification
{
    public static void Send<T>(EventHandler<T>? handlers, object sender, T what)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, what);
            }
#pragma warning disable CA1031 // Whoever listens must not be able to end the loop that reconnects, nor to change a request's outcome.
            catch (Exception)
#pragma warning restore CA1031
            {
                // It is the listener's own to report.
            }
        }
    }
}
