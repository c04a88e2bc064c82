using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Edge;

/// <summary>The listener for sensors that speak MQTT.</summary>
public sealed class EdgeMqttOptions
{
    /// <summary>The address for MQTT 3.1.1 and 5, as 127.0.0.1:1883; empty: the edge takes no MQTT.</summary>
    [Shown, ListenAddress("127.0.0.1:1883 or [::1]:1883", MayBeEmpty = true)]
    public string Listen { get; set; } = "";

    /// <summary>
    /// Whether Listen may be an address that other machines reach. MQTT is not encrypted here: set this only in a network that you trust.
    /// </summary>
    public bool AllowRemote { get; set; }

    /// <summary>The user name that a client has to send; empty: clients need none.</summary>
    [Shown]
    public string Username { get; set; } = "";

    /// <summary>The password that a client has to send with the user name.</summary>
    public string Password { get; set; } = "";

    /// <summary>
    /// Topic filters of MQTT, as alarms/# or +/smoke: messages with such a topic go into the alarm lane. A client of MQTT 5 can also choose
    /// the lane with the user property lane.
    /// </summary>
    [Shown]
    public IList<string> AlarmTopics { get; } = [];

    /// <summary>The largest number of connections, from 1 to 100,000; each can cost up to 1 MiB of memory.</summary>
    [Range(1, 100_000)]
    public int MaxClients { get; set; } = 256;

    /// <summary>
    /// The keep alive of a client that asks for none, and the longest of a client of MQTT 5, from 1 s to 18 h. A client that is silent for
    /// one and a half times its keep alive is disconnected.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "18:00:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromMinutes(5);

    internal bool IsOn => Listen.Length > 0;
}
