using NetworkProtocol.Server.Connections;
using NetworkProtocol.Web.Api;

namespace NetworkProtocol.Web.Node;

/// <summary>Says of a connection that is not there, and what would be right.</summary>
internal static class MissingConnection
{
    public static string Text(ConnectionKey key, string node) =>
        key.Node == node ? $"There is no open connection {key}." : OtherNode(key, node);

    public static string Text(string key, string node) =>
        ConnectionKey.TryParse(key, out var parsed) ? Text(parsed, node) : $"{key} is no key of a connection, which is a node and a number, as {node}/42.";

    public static string OtherNode(ConnectionKey key, string node) =>
        $"This is the node {node}, and not {key.Node}: ask that node for its connections.";

    /// <summary>Of a number alone, which each node may have.</summary>
    public static string WithoutNode(ConnectionKey here) =>
        $"{here.Id} names no connection, because each node has its own numbers. That of this node is {AdminApi.Path}/connections/{here}.";
}
