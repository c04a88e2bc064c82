namespace NetworkProtocol.Server.Push;

/// <summary>The groups of one connection. A connection that ends leaves its groups.</summary>
public interface IConnectionGroups
{
    /// <summary>Joins a group; the connection takes pushed messages from then on.</summary>
    /// <param name="name">1 to 128 characters.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The connection is in 100 groups already.</exception>
    ValueTask AddAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Leaves a group. Does nothing if the connection is not in it.</summary>
    ValueTask RemoveAsync(string name, CancellationToken cancellationToken = default);
}
