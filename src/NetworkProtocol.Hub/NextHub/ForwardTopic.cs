using System.Text;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>The topic at the next hub: it begins with the name of the source, because there the hub is the source.</summary>
internal static class ForwardTopic
{
    public static string Of(string source, string topic) => $"{LevelOf(source)}/{topic}";

    /// <summary>Whether the next hub would take it.</summary>
    public static bool HasRoom(string source, string topic) => Encoding.UTF8.GetByteCount(Of(source, topic)) <= Topic.MaxBytes;

    /// <summary>
    /// Whether a hub has forwarded it before. Each hub puts a name before the topic. A sensor's own topic may have this hub's name once, so
    /// that the loop is certain at the second.
    /// </summary>
    /// <param name="own">The name of this hub at the next one.</param>
    /// <param name="topic">The topic here.</param>
    public static bool IsLoop(string own, string topic) => LevelOf(own) is var level && topic.Contains(level, StringComparison.Ordinal)
        && topic.Split('/').Count(one => one == level) > 1;

    // The name of a source may be a URI. With a slash in it two series could become one at the next hub.
    private static string LevelOf(string source) =>
        source.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
}
