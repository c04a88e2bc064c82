using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Push;

/// <summary>The connections that take pushed messages, and the groups that they are in. A group exists while it has members.</summary>
internal sealed class Groups(BufferBudget budget, ServerMetrics metrics, ErrorLog errors)
{
    private const int MaxNameLength = 128;
    private const int MaxPerConnection = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<Connection>> _members = new(StringComparer.Ordinal);

    public Connection[] MembersOf(string name)
    {
        lock (_lock)
        {
            return _members.TryGetValue(name, out var members) ? [.. members] : [];
        }
    }

    /// <summary>Lets a connection take pushed messages; null if it has ended.</summary>
    public Outbox? Open(Connection connection)
    {
        lock (_lock)
        {
            return connection.IsClosedToGroups ? null : connection.Outbox ??= new Outbox(connection, budget, metrics, errors);
        }
    }

    /// <summary>Adds a connection to a group. Does nothing if the connection has ended.</summary>
    public void Add(Connection connection, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxNameLength)
        {
            throw new ArgumentException(
                $"The name of a group has at most {MaxNameLength} characters; this one has {name.Length}.", nameof(name));
        }

        lock (_lock)
        {
            if (Open(connection) is not { } outbox || outbox.Groups.Contains(name))
            {
                return;
            }

            if (outbox.Groups.Count >= MaxPerConnection)
            {
                throw new InvalidOperationException($"The connection is in {MaxPerConnection} groups already, which is the limit.");
            }

            outbox.Groups.Add(name);
            if (!_members.TryGetValue(name, out var members))
            {
                _members[name] = members = [];
            }

            members.Add(connection);
        }
    }

    public void Remove(Connection connection, string name)
    {
        lock (_lock)
        {
            if (connection.Outbox?.Groups.Remove(name) == true)
            {
                RemoveMember(connection, name);
            }
        }
    }

    /// <summary>Removes a connection that has ended from all groups, and lets it join none any more.</summary>
    public void Close(Connection connection)
    {
        lock (_lock)
        {
            connection.IsClosedToGroups = true;
            if (connection.Outbox is not { } outbox)
            {
                return;
            }

            foreach (var name in outbox.Groups)
            {
                RemoveMember(connection, name);
            }

            outbox.Groups.Clear();
            outbox.Close();
        }
    }

    private void RemoveMember(Connection connection, string name)
    {
        var members = _members[name];
        members.Remove(connection);
        if (members.Count == 0)
        {
            _members.Remove(name);
        }
    }
}
