using System.Net;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Has each connection asked for where it is accepted. Later is too late: Kestrel goes on accepting while those before wait for a thread.
/// </summary>
/// <param name="inner">Where connections come from.</param>
/// <param name="guard">Who is asked.</param>
/// <param name="spare">Descriptors that these connections leave free.</param>
internal sealed class GuardedListenerFactory(IConnectionListenerFactory inner, DescriptorGuard guard, Func<int> spare) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken), guard, spare());

    private sealed class Listener(IConnectionListener inner, DescriptorGuard guard, int spare) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (guard.Admits(connection, spare))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
