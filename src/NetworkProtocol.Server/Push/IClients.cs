namespace NetworkProtocol.Server.Push;

/// <summary>
/// Pushes messages to clients, without a request. A connection gets pushed messages only if a handler has allowed it, because clients of
/// version 1 of the protocol take the next message for the answer to their request. Each message is delivered at most once; the messages of
/// one sender arrive in their order.
/// </summary>
public interface IClients
{
    /// <summary>Every connection that takes pushed messages.</summary>
    IClientSet All { get; }

    /// <summary>One connection.</summary>
    /// <param name="key">The connection's key: <see cref="ServerState.KeyOf"/> gives that of a connection of this node.</param>
    IClientSet Connection(Connections.ConnectionKey key);

    /// <summary>Every connection of a client that takes pushed messages.</summary>
    /// <param name="identity">The client, as <see cref="Connections.ClientIdentity.ToString"/> writes it.</param>
    /// <exception cref="ArgumentException">The text does not have this form.</exception>
    IClientSet Identity(string identity);

    /// <summary>Every connection in a group.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    IClientSet Group(string name);
}
