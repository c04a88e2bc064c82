using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Push;

/// <summary>The groups of one connection.</summary>
internal sealed class ConnectionGroups(Connection connection, Groups groups) : IConnectionGroups
{
    public ValueTask AddAsync(string name, CancellationToken cancellationToken = default)
    {
        groups.Add(connection, name);
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        groups.Remove(connection, name);
        return ValueTask.CompletedTask;
    }
}
