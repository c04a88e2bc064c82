using NetworkProtocol.Messages;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Push;

/// <summary>The clients of this node.</summary>
internal sealed class Clients(ConnectionRegistry registry, Groups groups, CommandTable commands, ServerState state) : IClients
{
    public IClientSet All => new Set(this, () => registry.Open);

    public IClientSet Connection(ConnectionKey key) =>
        new Set(this, () => key.Node == state.NodeId && registry.Find(key.Id) is { } connection ? [connection] : []);

    public IClientSet Identity(string identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return ClientIdentity.TryNormalize(identity, out var name)
            ? new Set(this, () => registry.Open.Where(open => open.Outbox is not null && open.Identity.ToString() == name))
            : throw new ArgumentException(
                $"'{identity}' must begin with cn:, dns:, uri: or uid: (and then a number), as cn:orders.", nameof(identity));
    }

    public IClientSet Group(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Set(this, () => groups.MembersOf(name));
    }

    private PushedMessage Encode(string command, ReadOnlySpan<byte> payload)
    {
        commands.ThrowIfNoPush(command);
        var encoded = new byte[MessageEncoder.GetCustomLength(command, payload)];
        if (encoded.Length > Outbox.MaxBytes)
        {
            throw new ArgumentException(
                $"A pushed message has at most {Outbox.MaxBytes} bytes with its command; this one has {encoded.Length}.", nameof(payload));
        }

        MessageEncoder.EncodeCustom(command, payload, encoded);
        return new PushedMessage(command, encoded);
    }

    private static int Send(IEnumerable<Connection> connections, PushedMessage message, WhenFull whenFull)
    {
        var taken = 0;
        List<Connection> woken = [];
        foreach (var connection in connections)
        {
            if (connection.Outbox is { } outbox && outbox.TryAdd(message, whenFull, out var wakes))
            {
                taken++;
                if (wakes)
                {
                    woken.Add(connection);
                }
            }
        }

        foreach (var connection in woken) // each on the pool and not on the caller's thread, because waking a connection runs its loop
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.WakeLoop(), connection, preferLocal: false);
        }

        return taken;
    }

    private sealed class Set(Clients clients, Func<IEnumerable<Connection>> find) : IClientSet
    {
        public ValueTask<int> SendAsync(
            string command, ReadOnlyMemory<byte> payload, WhenFull whenFull, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Send(find(), clients.Encode(command, payload.Span), whenFull));
        }
    }
}
