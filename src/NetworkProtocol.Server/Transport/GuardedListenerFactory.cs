using System.Net;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Checks each connection with <see cref="DescriptorGuard"/> where it is accepted. A later check would come too late, because Kestrel goes
/// on accepting while earlier connections wait for a thread.
/// </summary>
/// <param name="inner">Accepts the connections.</param>
/// <param name="guard">Admits or refuses each connection.</param>
/// <param name="spare">How many descriptors these connections leave free.</param>
internal sealed class GuardedListenerFactory(
    IConnectionListenerFactory inner, DescriptorGuard guard, Func<int> spare) : IConnectionListenerFactory
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
