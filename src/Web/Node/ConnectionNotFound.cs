using NetworkProtocol.Server.Connections;
using NetworkProtocol.Web.Api;

namespace NetworkProtocol.Web.Node;

/// <summary>The error texts for a connection that is not found: they say what is wrong, and what is right.</summary>
internal static class ConnectionNotFound
{
    public static string Text(ConnectionKey key, string node) =>
        key.Node == node ? $"There is no open connection {key}." : OtherNode(key, node);

    public static string Text(string key, string node) =>
        ConnectionKey.TryParse(key, out var parsed)
            ? Text(parsed, node)
            : $"{key} is not the key of a connection. A key is a node and a number, as {node}/42.";

    public static string OtherNode(ConnectionKey key, string node) =>
        $"This is the node {node}, not {key.Node}. Send the request to the node {key.Node}.";

    /// <summary>For a number without a node: each node has its own numbers.</summary>
    public static string WithoutNode(ConnectionKey here) =>
        $"{here.Id} does not identify a connection, because each node has its own numbers. "
            + $"The connection with this number on this node is {AdminApi.Path}/connections/{here}.";
}
