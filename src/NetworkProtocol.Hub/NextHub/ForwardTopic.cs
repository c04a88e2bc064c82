using System.Text;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>The topic at the next hub: it begins with the name of the source, because there the hub is the source.</summary>
internal static class ForwardTopic
{
    public static string Of(string source, string topic) => $"{source}/{topic}";

    /// <summary>Whether the next hub would take it.</summary>
    public static bool HasRoom(string source, string topic) => Encoding.UTF8.GetByteCount(Of(source, topic)) <= Topic.MaxBytes;
}
