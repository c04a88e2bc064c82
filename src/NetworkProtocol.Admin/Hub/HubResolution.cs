namespace NetworkProtocol.Admin;

/// <summary>The length of the rollups of a hub, which begin at whole minutes, hours and days of UTC.</summary>
public enum HubResolution
{
    /// <summary>One minute.</summary>
    Minute,

    /// <summary>One hour.</summary>
    Hour,

    /// <summary>One day.</summary>
    Day,
}
