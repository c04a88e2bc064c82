namespace NetworkProtocol.Web.Node;

/// <summary>A part of the program that the settings switch on. The menu has its pages only while it is.</summary>
internal interface INodePart
{
    /// <summary>Whether this node has the part.</summary>
    bool IsActive { get; }
}
