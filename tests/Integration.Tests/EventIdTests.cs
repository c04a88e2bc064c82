using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Integration.Tests;

/// <summary>The ids of log events, which operators filter by. Each id is unique in the whole process.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void Each_event_has_an_id_and_a_name_of_its_own()
    {
        var events = Directory.GetFiles(AppContext.BaseDirectory, "NetworkProtocol*.dll")
            .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .SelectMany(file => Assembly.LoadFrom(file).GetTypes())
            .SelectMany(
                type => type.GetMethods(
                    BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Event: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Event is not null)
            .Select(found => (Name: $"{found.Method.DeclaringType}.{found.Method.Name}", Id: found.Event!.EventId, found.Event.EventName))
            .ToArray();
        Assert.True(events.Length > 30, "The attributes are no longer there to be read.");
        Assert.Empty(events.GroupBy(found => found.Id).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(found => found.Name))}"));
        Assert.Empty(events.GroupBy(found => found.EventName).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(found => found.Name))}"));
    }
}
